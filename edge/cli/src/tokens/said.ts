/** What is wrong with a token, in a sentence for its owner: the collector tells a stranger nothing of it. */
import type { TokenFault } from '@nunchi/collector/tokens'

/** By fault: what it is, and what to do. */
export const faultSentences: Record<TokenFault, string> = {
  malformed:
    'It is no signed JWT of at most 8,192 characters: three parts of base64url with dots between them.',
  type: 'It is not for access: its header’s typ must be JWT or at+jwt, or absent, and no claim may call it a refresh token.',
  algorithm: 'No verifier takes the algorithm in its header (alg); see nunchi tokens list.',
  issuer:
    'No verifier of this algorithm takes its issuer (iss), which must be equal to the letter; see nunchi tokens list.',
  unavailable: 'The keys at the verifier’s JWKS address cannot be read now.',
  key: 'The verifier has no key of the kid in its header.',
  signature:
    'Its signature is not by the verifier’s secret or key: another key signed it, or it was changed.',
  audience: 'Its audience (aud) is not the verifier’s, which must be in it to the letter.',
  claims:
    'A claim is missing or of the wrong type: exp must be a number, the user’s claim a text of 1 to 256 characters; nbf and iat must not lie more than a minute ahead.',
  expired: 'It is expired (exp). Sign a new one.',
}
