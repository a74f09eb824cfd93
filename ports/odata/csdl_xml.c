/*
 * CSDL JSON turned into CSDL XML, member by member, so that both say the same. Only what csdl_json
 * makes is understood.
 */
#include "csdl.h"

#include "server/base/buffer.h"

#include <assert.h>
#include <string.h>

static void add_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buffer_add_text(out, "&amp;");
            break;
        case '<':
            buffer_add_text(out, "&lt;");
            break;
        case '>':
            buffer_add_text(out, "&gt;");
            break;
        case '"':
            buffer_add_text(out, "&quot;");
            break;
        case '\n':
        case '\t':
        case '\r':
            buffer_print(out, "&#%d;", *text);
            break;
        default:
            /* XML 1.0 has no other control characters, not even escaped */
            buffer_add_char(out, (unsigned char)*text < ' ' ? ' ' : *text);
        }
    }
}

static void add_attribute(struct buffer *out, const char *name, const char *value)
{
    buffer_print(out, " %s=\"", name);
    add_escaped(out, value);
    buffer_add_char(out, '"');
}

/* Terms, and members of their records, whose value is of an enumeration. Its name is written out:
 * an alias in it is what some readers do not resolve. */
static const char *enumeration_of(const char *term)
{
    static const struct {
        const char *term;
        const char *type;
    } enumerations[] = {
        { "Capabilities.ConformanceLevel", "Org.OData.Capabilities.V1.ConformanceLevelType" },
        { "Capabilities.IsolationSupported", "Org.OData.Capabilities.V1.IsolationLevel" },
        { "Rollup", "Org.OData.Aggregation.V1.RollupType" },
    };
    for (size_t i = 0; i < COUNT(enumerations); i++)
        if (strcmp(enumerations[i].term, term) == 0)
            return enumerations[i].type;
    return NULL;
}

static void add_list(struct buffer *out, const json_t *list, const char *element)
{
    buffer_add_text(out, "<Collection>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        buffer_print(out, "<%s>", element);
        add_escaped(out, json_string_value(json_array_get(list, i)));
        buffer_print(out, "</%s>", element);
    }
    buffer_add_text(out, "</Collection>");
}

static void add_member(struct buffer *out, const char *enumeration, const json_t *value)
{
    assert(enumeration);
    buffer_print(out, "<EnumMember>%s/%s</EnumMember>", enumeration, json_string_value(value));
}

/* Of a record: booleans, members of enumerations, and lists of texts or of properties, which say so
 * in their name. */
static void add_record(struct buffer *out, const json_t *record)
{
    const char *name;
    json_t *value;
    buffer_add_text(out, "<Record>");
    json_object_foreach((json_t *)(uintptr_t)record, name, value)
    {
        buffer_print(out, "<PropertyValue Property=\"%s\"", name);
        if (json_is_array(value)) {
            buffer_add_char(out, '>');
            add_list(out, value, strstr(name, "Properties") ? "PropertyPath" : "String");
            buffer_add_text(out, "</PropertyValue>");
        } else if (json_is_string(value)) {
            buffer_add_char(out, '>');
            add_member(out, enumeration_of(name), value);
            buffer_add_text(out, "</PropertyValue>");
        } else {
            buffer_print(out, " Bool=\"%s\"/>", json_is_true(value) ? "true" : "false");
        }
    }
    buffer_add_text(out, "</Record>");
}

static void add_annotation(struct buffer *out, const char *term, const json_t *value)
{
    const char *enumeration = enumeration_of(term);
    buffer_print(out, "<Annotation Term=\"%s\"", term);
    if (enumeration) {
        buffer_add_char(out, '>');
        add_member(out, enumeration, value);
        buffer_add_text(out, "</Annotation>\n");
    } else if (json_is_string(value)) {
        add_attribute(out, "String", json_string_value(value));
        buffer_add_text(out, "/>\n");
    } else if (json_is_boolean(value)) {
        buffer_print(out, " Bool=\"%s\"/>\n", json_is_true(value) ? "true" : "false");
    } else {
        buffer_add_char(out, '>');
        if (json_is_array(value))
            add_list(out, value, "String");
        else
            add_record(out, value);
        buffer_add_text(out, "</Annotation>\n");
    }
}

static void add_annotations(struct buffer *out, const json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (name[0] == '@')
            add_annotation(out, name + 1, value);
    }
}

static bool is_annotated(const json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (name[0] == '@')
            return true;
    }
    return false;
}

static void add_facet(struct buffer *out, const char *attribute, const json_t *value)
{
    if (value)
        buffer_print(out, " %s=\"%" JSON_INTEGER_FORMAT "\"", attribute, json_integer_value(value));
}

static void add_property(struct buffer *out, const char *name, const json_t *property)
{
    const char *type = json_string_value(json_object_get(property, "$Type"));
    const json_t *scale = json_object_get(property, "$Scale");
    buffer_add_text(out, "<Property");
    add_attribute(out, "Name", name);
    add_attribute(out, "Type", type ? type : "Edm.String");
    if (!json_is_true(json_object_get(property, "$Nullable")))
        add_attribute(out, "Nullable", "false");
    add_facet(out, "MaxLength", json_object_get(property, "$MaxLength"));
    add_facet(out, "Precision", json_object_get(property, "$Precision"));
    add_facet(out, "Scale", scale);
    if (!scale && type && strcmp(type, "Edm.Decimal") == 0) /* without it XML means none */
        add_attribute(out, "Scale", "variable");
    if (!is_annotated(property)) {
        buffer_add_text(out, "/>\n");
        return;
    }
    buffer_add_text(out, ">\n");
    add_annotations(out, property);
    buffer_add_text(out, "</Property>\n");
}

static void add_entity_type(struct buffer *out, const char *name, const json_t *type)
{
    const json_t *key = json_object_get(type, "$Key");
    const char *member;
    json_t *value;
    buffer_print(out, "<EntityType Name=\"%s\">\n<Key>", name);
    for (size_t i = 0; i < json_array_size(key); i++)
        buffer_print(out, "<PropertyRef Name=\"%s\"/>", json_string_value(json_array_get(key, i)));
    buffer_add_text(out, "</Key>\n");
    json_object_foreach((json_t *)(uintptr_t)type, member, value)
    {
        if (member[0] != '$' && member[0] != '@')
            add_property(out, member, value);
    }
    add_annotations(out, type);
    buffer_add_text(out, "</EntityType>\n");
}

static void add_container(struct buffer *out, const char *name, const json_t *container)
{
    const char *member;
    json_t *value;
    buffer_print(out, "<EntityContainer Name=\"%s\">\n", name);
    json_object_foreach((json_t *)(uintptr_t)container, member, value)
    {
        if (member[0] == '$' || member[0] == '@')
            continue;
        buffer_print(out, "<EntitySet Name=\"%s\" EntityType=\"%s\">\n", member,
                     json_string_value(json_object_get(value, "$Type")));
        add_annotations(out, value);
        buffer_add_text(out, "</EntitySet>\n");
    }
    add_annotations(out, container);
    buffer_add_text(out, "</EntityContainer>\n");
}

/* A reference to a vocabulary, to the XML form of what the JSON form names. */
static void add_references(struct buffer *out, const json_t *references)
{
    const char *uri;
    json_t *reference;
    json_object_foreach((json_t *)(uintptr_t)references, uri, reference)
    {
        const json_t *include = json_array_get(json_object_get(reference, "$Include"), 0);
        buffer_print(out, "<edmx:Reference Uri=\"%.*s.xml\"><edmx:Include",
                     (int)(strlen(uri) - strlen(".json")), uri);
        add_attribute(out, "Namespace", json_string_value(json_object_get(include, "$Namespace")));
        add_attribute(out, "Alias", json_string_value(json_object_get(include, "$Alias")));
        buffer_add_text(out, "/></edmx:Reference>\n");
    }
}

const char *csdl_xml(struct arena *arena, const json_t *csdl)
{
    CLEANUP(buffer_clear) struct buffer out = { 0 };
    const char *name;
    json_t *element;
    buffer_print(&out,
                 "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                 "<edmx:Edmx xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\" "
                 "Version=\"%s\">\n",
                 json_string_value(json_object_get(csdl, "$Version")));
    add_references(&out, json_object_get(csdl, "$Reference"));
    buffer_add_text(&out, "<edmx:DataServices>\n<Schema "
                          "xmlns=\"http://docs.oasis-open.org/odata/ns/edm\" "
                          "Namespace=\"" CSDL_NAMESPACE "\">\n");
    json_object_foreach(json_object_get(csdl, CSDL_NAMESPACE), name, element)
    {
        const char *kind = json_string_value(json_object_get(element, "$Kind"));
        if (strcmp(kind, "EntityType") == 0)
            add_entity_type(&out, name, element);
        else
            add_container(&out, name, element);
    }
    buffer_add_text(&out, "</Schema>\n</edmx:DataServices>\n</edmx:Edmx>\n");
    return arena_copy(arena, out.data, out.size);
}
