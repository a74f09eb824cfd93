// OpenUI5's V4 model reads the service, as the tables and forms of its users do; what it saw goes to
// stdout as JSON. The page it runs in is jsdom's, its scripts are files, its requests are real.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [modules, service, token] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { JSDOM, ResourceLoader, VirtualConsole } = require("jsdom");
const source = name => readFileSync(modules + "/node_modules/@openui5/sap.ui.core/src/" + name);

class Files extends ResourceLoader {
    async fetch(url) {
        return source(new URL(url).pathname.replace("/resources/", ""));
    }
}

const quiet = new VirtualConsole();
quiet.on("jsdomError", error => console.error(error.message));
quiet.on("error", (...words) => console.error(...words));

const page = `<script src="/resources/ui5loader.js"></script>
<script id="sap-ui-bootstrap" src="/resources/ui5loader-autoconfig.js" data-sap-ui-async="true"
    data-sap-ui-compat-version="edge" data-sap-ui-language="en"></script>`;
const { window } = new JSDOM(page, { url: service, runScripts: "dangerously", resources: new Files(),
    virtualConsole: quiet, pretendToBeVisual: true });
window.matchMedia = () => ({ matches: false, addListener() {}, removeListener() {} });

// What it asks for.
const asked = [];
const open = window.XMLHttpRequest.prototype.open;
window.XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    asked.push(decodeURIComponent(new URL(url, service).href));
    return open.call(this, method, url, ...rest);
};

await new Promise(done => window.addEventListener("load", done));
const { ui } = window.sap;
const locale = "sap/ui/core/cldr/en.json";
ui.require.preload({ [locale]: source(locale).toString() });
const [ODataModel, Filter, Sorter] = await new Promise((done, fail) => ui.require([
    "sap/ui/model/odata/v4/ODataModel", "sap/ui/model/Filter", "sap/ui/model/Sorter",
], (...found) => done(found), fail));

const model = new ODataModel({
    serviceUrl: new URL(service).pathname, groupId: "$direct", operationMode: "Server",
    httpHeaders: { Authorization: "Bearer " + token },
});
const list = (path, sorters, filters, parameters) =>
    model.bindList(path, undefined, sorters, filters, parameters);

// As a table that is scrolled to its end: what is there, then more, until nothing comes.
async function scroll(binding) {
    const rows = [];
    for (let most = 0; most < 20 && !(binding.isLengthFinal() && rows.length === binding.getLength());
        most++) {
        const more = await binding.requestContexts(rows.length, Infinity);
        rows.push(...more.map(context => context.getObject()));
    }
    return rows;
}

const seen = {};
const meta = model.getMetaModel();
seen.type = await meta.requestObject("/sales/");
seen.countable = await meta.requestObject("/sales@Org.OData.Capabilities.V1.CountRestrictions/Countable");
seen.unsorted = await meta.requestObject(
    "/parts@Org.OData.Capabilities.V1.SortRestrictions/NonSortableProperties");

seen.all = await scroll(list("/sales", [], [], { $count: true }));
seen.pages = asked.filter(url => new URL(url).pathname.endsWith("/sales")).length;

const some = list("/sales", [new Sorter("amount", true), new Sorter("id")],
    [new Filter("qty", "GE", 10), new Filter("note", "EQ", "plain")],
    { $select: ["id", "amount"], $count: true });
seen.some = (await some.requestContexts(2, 5)).map(context => context.getObject());
seen.count = await some.getHeaderContext().requestProperty("$count");
seen.text = await scroll(list("/sales", [new Sorter("id")],
    [new Filter({ path: "customer", operator: "EndsWith", value1: "MER 3", caseSensitive: false })],
    { $select: "id" }));

seen.one = await model.bindContext("/sales(42)").requestObject();
seen.pair = await model.bindContext("/parts(region='o''north%2F1',number=1)").requestObject();
seen.value = await model.bindProperty("/sales(42)/customer").requestValue();
seen.none = await model.bindContext("/sales(0)").requestObject().catch(error => error.message);

seen.groups = (await list("/sales", [new Sorter("paid")], [], {
    $$aggregation: {
        group: { paid: {} },
        aggregate: { total: { name: "amount", with: "sum" }, most: { name: "qty", with: "max" } },
    },
}).requestContexts(0, 10)).map(context => context.getObject());
seen.asked = asked;

console.log(JSON.stringify(seen));
window.close();
