"""A small product, written where a test wants it: datasets as lists of columns, pipelines as objects."""
import json


def contract(name, columns, key=(), mode=None, version="1.0.0", quality=None, **schema):
    """columns: {"id": "bigint", "name": "text"}; a trailing ! makes one required."""
    properties = []
    logical = {"bigint": "integer", "integer": "integer", "text": "string", "date": "date",
               "timestamptz": "timestamp", "boolean": "boolean", "double precision": "number"}
    for column, physical in columns.items():
        required = physical.endswith("!")
        physical = physical.rstrip("!")
        described = {"name": column, "logicalType": logical.get(physical, "number"),
                     "physicalType": physical}
        if required:
            described["required"] = True
        if column in key:
            described.update(primaryKey=True, primaryKeyPosition=list(key).index(column) + 1,
                             required=True)
        properties.append(described)
    document = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "small." + name,
                "version": version, "status": "active",
                "schema": [dict(schema, name=name, logicalType="object", properties=properties)]}
    if quality:
        document["schema"][0]["quality"] = quality
    if mode:
        document["customProperties"] = [{"property": "entrepot.mode", "value": mode}]
    return document


def write(folder, inputs, outputs, pipelines, access=None):
    """Write the folder of a product; JSON is YAML. inputs, outputs: {name: contract}."""
    (folder / "contracts").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    for document in list(inputs.values()) + list(outputs.values()):
        (folder / "contracts" / (document["schema"][0]["name"] + ".odcs.yaml")).write_text(
            json.dumps(document, indent=1))
    for document in pipelines:
        (folder / "pipelines" / (document["name"] + ".yaml")).write_text(
            json.dumps(document, indent=1))

    def ports(contracts):
        return [{"name": name, "version": document["version"], "contractId": document["id"]}
                for name, document in contracts.items()]

    (folder / "product.odps.yaml").write_text(json.dumps({
        "apiVersion": "v1.0.0", "kind": "DataProduct", "id": "small", "name": "Small",
        "version": "1.0.0", "status": "active", "domain": "tests",
        "inputPorts": ports(inputs), "outputPorts": ports(outputs)}, indent=1))
    if access:
        (folder / "access.yaml").write_text(json.dumps(access, indent=1))
    return folder
