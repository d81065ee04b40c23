/** SHA-256, as every runtime has it. */

/** The digest of a text's UTF-8. */
export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** Bytes in hexadecimal, in lower case. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** The digest of a text's UTF-8, in hexadecimal. */
export async function sha256Hex(text: string): Promise<string> {
  return hex(await sha256(text))
}
