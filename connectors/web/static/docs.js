// Renders /openapi.json as a readable page: no library, nothing from elsewhere.
const description = await (await fetch("/openapi.json")).json();
const place = document.getElementById("paths");
const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
place.append(make("p", description.info.description));
for (const [path, verbs] of Object.entries(description.paths)) {
  for (const [verb, operation] of Object.entries(verbs)) {
    place.append(make("h2", `${verb.toUpperCase()} ${path}`), make("p", operation.description ?? operation.summary));
    const parameters = (operation.parameters ?? []).map((one) => `${one.name} (${one.in}${one.required ? ", required" : ""})`);
    if (parameters.length) place.append(make("p", `Parameters: ${parameters.join(", ")}`));
    const body = operation.requestBody?.content?.["application/json"]?.schema?.$ref?.split("/").pop();
    if (body) place.append(make("pre", JSON.stringify(description.components.schemas[body].properties, null, 1)));
  }
}
