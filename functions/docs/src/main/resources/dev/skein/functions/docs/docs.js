// Shows the document beside this page. Nothing is read from or sent to anywhere else: a validator on the Internet
// would be, by default.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
});
