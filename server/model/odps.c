#include "odps.h"

#include "shape.h"

#include "server/base/cleanup.h"

/* A closed shape out of its list of members. */
#define SHAPE(variable, text, list)                                                                \
    static const struct shape variable = { .noun = (text), .members = (list), .count = COUNT(list) }

static const struct shape_member custom_members[] = {
    { "property", SHAPE_TEXT, .required = true },
    { "value", SHAPE_ANY, .required = true },
    { "description", SHAPE_TEXT },
};
SHAPE(custom_shape, "a custom property", custom_members);

static const struct shape_member definition_members[] = {
    { "type", SHAPE_TEXT, .required = true },
    { "url", SHAPE_URI, .required = true },
    { "description", SHAPE_TEXT },
};
SHAPE(definition_shape, "an authoritative definition", definition_members);

/* Almost everything can have these too. */
static const struct shape_member annotation_members[] = {
    { "tags", SHAPE_TEXTS },
    { "customProperties", SHAPE_LIST, .of = &custom_shape },
    { "authoritativeDefinitions", SHAPE_LIST, .of = &definition_shape },
};
SHAPE(annotations, "an annotation", annotation_members);

#define ANNOTATED(variable, text, list)                                                            \
    static const struct shape variable = {                                                         \
        .noun = (text), .members = (list), .count = COUNT(list), .base = &annotations              \
    }

static const struct shape_member description_members[] = {
    { "purpose", SHAPE_TEXT },
    { "limitations", SHAPE_TEXT },
    { "usage", SHAPE_TEXT },
    { "authoritativeDefinitions", SHAPE_LIST, .of = &definition_shape },
    { "customProperties", SHAPE_LIST, .of = &custom_shape },
};
SHAPE(description_shape, "a description", description_members);

static const struct shape_member input_members[] = {
    { "name", SHAPE_TEXT, .required = true },
    { "version", SHAPE_TEXT, .required = true },
    { "contractId", SHAPE_TEXT, .required = true },
};
ANNOTATED(input_shape, "an input port", input_members);

static const struct shape_member bill_members[] = {
    { "type", SHAPE_TEXT },
    { "url", SHAPE_URI, .required = true },
};
SHAPE(bill_shape, "an entry of sbom", bill_members);

static const struct shape_member dependency_members[] = {
    { "id", SHAPE_TEXT, .required = true },
    { "version", SHAPE_TEXT, .required = true },
};
SHAPE(dependency_shape, "an input contract", dependency_members);

static const struct shape_member output_members[] = {
    { "name", SHAPE_TEXT, .required = true },
    { "description", SHAPE_TEXT },
    { "type", SHAPE_TEXT },
    { "version", SHAPE_TEXT, .required = true },
    { "contractId", SHAPE_TEXT },
    { "sbom", SHAPE_LIST, .of = &bill_shape },
    { "inputContracts", SHAPE_LIST, .of = &dependency_shape },
};
ANNOTATED(output_shape, "an output port", output_members);

static const struct shape_member management_members[] = {
    { "name", SHAPE_TEXT, .required = true },
    { "content", SHAPE_TEXT, .required = true },
    { "type", SHAPE_TEXT },
    { "url", SHAPE_URI },
    { "channel", SHAPE_TEXT },
    { "description", SHAPE_TEXT },
};
ANNOTATED(management_shape, "a management port", management_members);

static const struct shape_member support_members[] = {
    { "channel", SHAPE_TEXT, .required = true },
    { "url", SHAPE_URI, .required = true },
    { "description", SHAPE_TEXT },
    { "tool", SHAPE_TEXT },
    { "scope", SHAPE_TEXT },
    { "invitationUrl", SHAPE_URI },
};
ANNOTATED(support_shape, "a support channel", support_members);

static const struct shape_member member_members[] = {
    { "username", SHAPE_TEXT, .required = true },
    { "name", SHAPE_TEXT },
    { "description", SHAPE_TEXT },
    { "role", SHAPE_TEXT },
    { "dateIn", SHAPE_DATE },
    { "dateOut", SHAPE_DATE },
    { "replacedByUsername", SHAPE_TEXT },
};
ANNOTATED(member_shape, "a team member", member_members);

static const struct shape_member team_members[] = {
    { "name", SHAPE_TEXT },
    { "description", SHAPE_TEXT },
    { "members", SHAPE_LIST, .of = &member_shape },
};
ANNOTATED(team_shape, "a team", team_members);

static const char *const kinds[] = { "DataProduct", NULL };
static const char *const api_versions[] = { "v1.0.0", "v0.9.0", NULL };
static const struct shape_member root_members[] = {
    { "apiVersion", SHAPE_TEXT, .required = true, .allowed = api_versions },
    { "kind", SHAPE_TEXT, .required = true, .allowed = kinds },
    { "id", SHAPE_TEXT, .required = true },
    { "name", SHAPE_TEXT },
    { "version", SHAPE_TEXT },
    { "status", SHAPE_TEXT, .required = true },
    { "domain", SHAPE_TEXT },
    { "tenant", SHAPE_TEXT },
    { "description", SHAPE_OBJECT, .of = &description_shape },
    { "inputPorts", SHAPE_LIST, .of = &input_shape },
    { "outputPorts", SHAPE_LIST, .of = &output_shape },
    { "managementPorts", SHAPE_LIST, .of = &management_shape },
    { "support", SHAPE_LIST, .of = &support_shape },
    { "team", SHAPE_OBJECT, .of = &team_shape },
    { "productCreatedTs", SHAPE_INSTANT },
};
ANNOTATED(root_shape, "a product", root_members);

bool odps_check(const struct node *root, struct faults *faults)
{
    return shape_check(&root_shape, root, faults);
}
