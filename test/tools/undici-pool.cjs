/** The two parts of undici that the function uses. Its main module loads all of it, which takes longer than the first call. */
const Dispatcher = require("undici/lib/dispatcher/dispatcher.js");
const request = require("undici/lib/api/api-request.js");

Dispatcher.prototype.request = request;

exports.Pool = require("undici/lib/dispatcher/pool.js");
exports.buildConnector = require("undici/lib/core/connect.js");
