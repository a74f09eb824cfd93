#include "odcs.h"

#include "odcs_common.h"

static const struct shape_member custom_property_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "property", SHAPE_TEXT, .required = true },
    { "value", SHAPE_ANY, .required = true },
    { "description", SHAPE_TEXT },
};
SHAPE(odcs_custom_property, "a custom property", custom_property_members);

static const struct shape_member definition_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "url", SHAPE_TEXT, .required = true },
    { "type", SHAPE_TEXT, .required = true },
    { "description", SHAPE_TEXT },
};
SHAPE(odcs_definition, "an authoritative definition", definition_members);

static const struct shape_member role_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "role", SHAPE_TEXT, .required = true },
    { "description", SHAPE_TEXT },
    { "access", SHAPE_TEXT },
    { "firstLevelApprovers", SHAPE_TEXT },
    { "secondLevelApprovers", SHAPE_TEXT },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
};
SHAPE(odcs_role, "a role", role_members);

static const struct shape_member support_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "channel", SHAPE_TEXT, .required = true },
    { "url", SHAPE_TEXT },
    { "description", SHAPE_TEXT },
    { "tool", SHAPE_TEXT },
    { "scope", SHAPE_TEXT },
    { "invitationUrl", SHAPE_TEXT },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
};
static SHAPE(support_shape, "a support channel", support_members);

static const struct shape_member price_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "priceAmount", SHAPE_NUMBER },
    { "priceCurrency", SHAPE_TEXT },
    { "priceUnit", SHAPE_TEXT },
};
static SHAPE(price_shape, "a price", price_members);

static const struct shape_member member_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "username", SHAPE_TEXT, .required = true },
    { "name", SHAPE_TEXT },
    { "description", SHAPE_TEXT },
    { "role", SHAPE_TEXT },
    { "dateIn", SHAPE_DATE },
    { "dateOut", SHAPE_DATE },
    { "replacedByUsername", SHAPE_TEXT },
    { "tags", SHAPE_TEXTS },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
    { "authoritativeDefinitions", SHAPE_LIST, .of = &odcs_definition },
};
static SHAPE(member_shape, "a team member", member_members);

static const struct shape_member team_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "name", SHAPE_TEXT },
    { "description", SHAPE_TEXT },
    { "members", SHAPE_LIST, .of = &member_shape },
    { "tags", SHAPE_TEXTS },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
    { "authoritativeDefinitions", SHAPE_LIST, .of = &odcs_definition },
};
static SHAPE(team_shape, "a team", team_members);

static const struct shape_member sla_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "property", SHAPE_TEXT, .required = true },
    { "value", SHAPE_SCALAR, .required = true },
    { "valueExt", SHAPE_SCALAR },
    { "unit", SHAPE_TEXT },
    { "element", SHAPE_TEXT },
    { "driver", SHAPE_TEXT },
    { "description", SHAPE_TEXT },
    { "scheduler", SHAPE_TEXT },
    { "schedule", SHAPE_TEXT },
};
static SHAPE(sla_shape, "a service level", sla_members);

static const struct shape_member description_members[] = {
    { "usage", SHAPE_TEXT },
    { "purpose", SHAPE_TEXT },
    { "limitations", SHAPE_TEXT },
    { "authoritativeDefinitions", SHAPE_LIST, .of = &odcs_definition },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
};
static const struct shape description_shape = {
    .noun = "a description",
    .members = description_members,
    .count = COUNT(description_members),
    .open = true, /* the schema does not close it */
};

static const char *const kinds[] = { "DataContract", NULL };
static const char *const api_versions[] = { "v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0", NULL };

static const struct shape_member root_members[] = {
    { "version", SHAPE_TEXT, .required = true },
    { "kind", SHAPE_TEXT, .required = true, .allowed = kinds },
    { "apiVersion", SHAPE_TEXT, .required = true, .allowed = api_versions },
    { "id", SHAPE_TEXT, .required = true },
    { "name", SHAPE_TEXT },
    { "tenant", SHAPE_TEXT },
    { "tags", SHAPE_TEXTS },
    { "status", SHAPE_TEXT, .required = true },
    { "servers", SHAPE_ANY }, /* odcs_check_servers */
    { "dataProduct", SHAPE_TEXT },
    { "description", SHAPE_OBJECT, .of = &description_shape },
    { "domain", SHAPE_TEXT },
    { "schema", SHAPE_ANY }, /* odcs_check_schema */
    { "support", SHAPE_LIST, .of = &support_shape },
    { "price", SHAPE_OBJECT, .of = &price_shape },
    { "team", SHAPE_ANY }, /* check_team */
    { "roles", SHAPE_LIST, .of = &odcs_role },
    { "slaDefaultElement", SHAPE_TEXT },
    { "slaProperties", SHAPE_LIST, .of = &sla_shape },
    { "authoritativeDefinitions", SHAPE_LIST, .of = &odcs_definition },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
    { "contractCreatedTs", SHAPE_INSTANT },
};
static SHAPE(root_shape, "a contract", root_members);

/* A team is an object; a list of its members is the older form. */
static void check_team(const struct node *root, struct faults *faults)
{
    static const struct shape_member as_list = { "team", SHAPE_LIST, .of = &member_shape };
    const struct node *team = node_member(root, "team");
    if (team && team->kind == NODE_LIST)
        (void)shape_check_value(&as_list, team, faults); /* the faults tell */
    else if (team)
        (void)shape_check(&team_shape, team, faults);
}

bool odcs_check(const struct node *root, struct faults *faults)
{
    int before = faults->count;
    (void)shape_check(&root_shape, root, faults); /* the faults tell */
    check_team(root, faults);
    odcs_check_servers(root, faults);
    odcs_check_schema(root, faults);
    return faults->count == before;
}
