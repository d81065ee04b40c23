/** nunchi/openfeature-server: flags of a server through OpenFeature's server SDK, decided in the process itself. */
export { type NunchiServerProviderOptions, nunchiServerProvider } from './provider.ts'
