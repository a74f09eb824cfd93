#include "token_key.h"

#include "jwk.h"
#include "server/base/text.h"
#include "strict_json.h"
#include "verifier.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

CLEANUP_DEFINE(BIO *, BIO_free_all)
CLEANUP_DEFINE(EVP_PKEY *, EVP_PKEY_free)
CLEANUP_DEFINE(void *, free)

#define PEM_BYTES_HIGHEST 4096
#define COORDINATE_BYTES 32

static const char *pem_path(struct arena *arena, const char *data_dir)
{
    return arena_print(arena, "%s/token-key.pem", data_dir);
}

static struct problem *file_problem(struct arena *arena, const char *doing, const char *path)
{
    return problem_new(arena, &PROBLEM_START, "%s %s: %s", doing, path, strerror(errno));
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* A directory entry is on disk only when its directory is. */
static void sync_dir(const char *data_dir)
{
    CLEANUP(close_at) int fd = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd); /* not every file system can; the file is whole either way */
}

/*
 * Write a file so that it is there whole or not at all. Without replace, the first writer wins and
 * a later one leaves what is there.
 */
static struct problem *write_file(struct arena *arena, const char *data_dir, const char *path,
                                  mode_t mode, const char *data, size_t size, bool replace)
{
    char *draft = arena_print(arena, "%s.XXXXXX", path);
    CLEANUP(close_at) int fd = mkostemp(draft, O_CLOEXEC);
    if (fd < 0)
        return file_problem(arena, "cannot write", path);
    bool written = fchmod(fd, mode) == 0 && write_all(fd, data, size) && fsync(fd) == 0;
    if (written && replace)
        written = rename(draft, path) == 0;
    else if (written)
        written = link(draft, path) == 0 || errno == EEXIST;
    struct problem *problem = written ? NULL : file_problem(arena, "cannot write", path);
    if (!written || !replace)
        (void)unlink(draft); /* it may be gone, or stay as litter: nothing reads it */
    sync_dir(data_dir);
    return problem;
}

static struct problem *make_key(struct arena *arena, const char *data_dir, const char *path)
{
    CLEANUP(EVP_PKEY_free_at) EVP_PKEY *key = EVP_EC_gen("P-256");
    CLEANUP(BIO_free_all_at) BIO *pem = BIO_new(BIO_s_secmem());
    if (!key || !pem || PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) != 1) {
        ERR_clear_error();
        return problem_new(arena, &PROBLEM_START, "OpenSSL could not make a P-256 key");
    }
    char *data;
    long size = BIO_get_mem_data(pem, &data);
    return write_file(arena, data_dir, path, 0600, data, (size_t)size, false);
}

/* The public part as JWK members, base64url. */
static bool coordinate(struct arena *arena, const EVP_PKEY *key, const char *name, char **out_text)
{
    unsigned char bytes[COORDINATE_BYTES];
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
        return false;
    bool fits = BN_bn2binpad(number, bytes, sizeof bytes) == (int)sizeof bytes;
    BN_free(number);
    if (fits)
        *out_text = text_base64url(arena, bytes, sizeof bytes);
    return fits;
}

struct public_part {
    char *x;
    char *y;
    const char *kid;
};

static struct problem *read_public_part(struct arena *arena, const char *path, const char *pem,
                                        size_t size, struct public_part *out_part)
{
    char group[16] = "";
    char no_phrase[] = ""; /* else a PEM with one would have us ask for it on the terminal */
    struct public_part part = { 0 };
    CLEANUP(BIO_free_all_at) BIO *bio = BIO_new_mem_buf(pem, (int)size);
    CLEANUP(EVP_PKEY_free_at)
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, no_phrase) : NULL;
    if (!key || EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1
        || strcmp(group, "prime256v1") != 0
        || !coordinate(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, &part.x)
        || !coordinate(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, &part.y)) {
        ERR_clear_error();
        return problem_new(arena, &PROBLEM_START, "%s is not a P-256 private key in PEM", path);
    }
    part.kid = jwk_ec_thumbprint(arena, "P-256", part.x, part.y);
    *out_part = part;
    return NULL;
}

static struct problem *read_pem(struct arena *arena, const char *data_dir, const char *path,
                                struct token_key *key)
{
    struct stat status;
    CLEANUP(close_at) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return problem_new(arena, &PROBLEM_START,
                           "there is no token key in %s; the server makes it when it first starts "
                           "with this data directory",
                           data_dir);
    if (fd < 0 || fstat(fd, &status) != 0)
        return file_problem(arena, "cannot read", path);
    if (status.st_mode & S_IRWXO)
        return problem_new(
            arena, &PROBLEM_START,
            "%s can be read by anyone, so anyone can make tokens; delete it to get a "
            "new one, or chmod 600 it if nobody has",
            path);
    key->pem = arena_alloc(arena, PEM_BYTES_HIGHEST + 1);
    ssize_t size = read(fd, key->pem, PEM_BYTES_HIGHEST);
    if (size < 0)
        return file_problem(arena, "cannot read", path);
    key->pem_size = (size_t)size;
    return NULL;
}

static struct problem *read_both(struct arena *arena, const char *data_dir, struct token_key *key,
                                 struct public_part *part)
{
    const char *path = pem_path(arena, data_dir);
    TRY(read_pem(arena, data_dir, path, key));
    TRY(read_public_part(arena, path, key->pem, key->pem_size, part));
    key->kid = part->kid;
    return NULL;
}

void token_key_clear(struct token_key *key)
{
    if (key->pem)
        OPENSSL_cleanse(key->pem, PEM_BYTES_HIGHEST);
    *key = (struct token_key){ 0 };
}

struct problem *token_key_read(struct arena *arena, const char *data_dir, struct token_key *out_key)
{
    CLEANUP(token_key_clear) struct token_key key = { 0 };
    struct public_part part = { 0 };
    TRY(read_both(arena, data_dir, &key, &part));
    *out_key = key;
    key = (struct token_key){ 0 };
    return NULL;
}

struct problem *token_key_ensure(struct arena *arena, const char *data_dir,
                                 const char **out_jwks_path)
{
    CLEANUP(token_key_clear) struct token_key key = { 0 };
    struct public_part part = { 0 };
    const char *path = pem_path(arena, data_dir);
    if (access(path, F_OK) != 0)
        TRY(make_key(arena, data_dir, path));
    TRY(read_both(arena, data_dir, &key, &part));
    const char *jwks_path = arena_print(arena, "%s/jwks.json", data_dir);
    CLEANUP(json_decref_at)
    json_t *jwks =
        json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:s, s:s}]}", "keys", "kty", "EC", "crv", "P-256",
                  "alg", "ES256", "use", "sig", "kid", part.kid, "x", part.x, "y", part.y);
    CLEANUP(free_at) void *text = jwks ? json_dumps(jwks, JSON_INDENT(2)) : NULL;
    if (!text)
        return problem_new(arena, &PROBLEM_START, "the key set could not be written");
    /* always anew: it follows the key, should someone have put another one there */
    const char *lines = arena_print(arena, "%s\n", (const char *)text);
    TRY(write_file(arena, data_dir, jwks_path, 0644, lines, strlen(lines), true));
    *out_jwks_path = jwks_path;
    return NULL;
}
