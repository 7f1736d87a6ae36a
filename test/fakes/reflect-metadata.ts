/**
 * `@peculiar/x509` registers its algorithms through tsyringe, which refuses to load unless `Reflect` answers metadata
 * queries. None of those classes has constructor parameters, so "there is no metadata" is the whole polyfill. Import
 * this file before the library. A real polyfill, where one is loaded, stays in place.
 */
if (!("getMetadata" in Reflect)) {
  const none = () => undefined;
  Object.assign(Reflect, { getMetadata: none, getOwnMetadata: none });
}
