/** The script tag. */
import { startTag } from './tag.ts'

startTag()
