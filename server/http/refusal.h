/* Problem documents in place of libmicrohttpd's own error pages; see refusal.c. */
#ifndef ENTREPOT_HTTP_REFUSAL_H
#define ENTREPOT_HTTP_REFUSAL_H

#include <microhttpd.h>

typedef enum MHD_Result refusal_queue(struct MHD_Connection *connection, unsigned int status,
                                      struct MHD_Response *response);

/** The library's own MHD_queue_response. */
refusal_queue *refusal_library_queue(void);

#endif
