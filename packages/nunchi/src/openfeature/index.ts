/** nunchi/openfeature: flags of a page through OpenFeature's web SDK. */
export { type FlagClient, type NunchiProviderOptions, nunchiProvider } from './provider.ts'
