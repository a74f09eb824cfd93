// A foreign OData V4 client reads the service; what it saw goes to stdout as JSON.
import { createRequire } from "node:module";

const [modules, serviceEndpoint, token] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { OData } = require("@odata/client");

const client = OData.New4({ serviceEndpoint, commonHeaders: { Authorization: "Bearer " + token } });
const sales = client.getEntitySet("sales");
const seen = {};

seen.one = await sales.retrieve(42);
seen.pair = await client.getEntitySet("parts").retrieve({ region: "south", number: -2 });
seen.found = await sales.find({ customer: "customer 3" });
seen.count = await sales.count();
seen.counted = await sales.count(client.newFilter().field("qty").gt(500));
seen.page = await sales.query(client.newParam()
    .filter(client.newFilter().field("qty").ge(10).field("note").eq("plain"))
    .orderby("amount", "desc").select(["id", "amount"]).skip(2).top(5));
try {
    await sales.query(client.newParam().filter("nope eq 1"));
} catch (error) {
    seen.error = error.message;
}
console.log(JSON.stringify(seen));
