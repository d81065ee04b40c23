/** The SDK's name and version as events carry it. */
export const sdk = 'nunchi/0.1.0'
