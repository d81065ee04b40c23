/** The limits that both ends of the river keep; documented in docs/reference/events.md. */

/** The most events that one batch may carry. */
export const maxBatchEvents = 500
/** The most bytes of a batch's JSON, after decompression. */
export const maxBatchBytes = 1_048_576
/** The most bytes (UTF-8) of one event's JSON. */
export const maxEventBytes = 32_768
/** The most bytes of event JSON that the SDK keeps on a device while it cannot deliver. */
export const maxStoreBytes = 10_000_000
/** The most events that the SDK keeps on a device while it cannot deliver. */
export const maxStoreEvents = 20_000
/** How old an event may be when it is sent, in ms by the sender's own clock (30 days). */
export const maxAgeMs = 2_592_000_000
/** A sender's clock that differs from ours by more than this many ms is suspect (48 hours). */
export const maxSkewMs = 172_800_000
/** The most UTF-16 code units of an event's name. */
export const maxNameLength = 200
/** The most UTF-16 code units of an id: user, anonymous, session, group, previous, tab. */
export const maxIdLength = 256
/** The most UTF-16 code units of a page's address, referrer or title; longer ones are cut. */
export const maxUrlLength = 4_096
/** How deep properties and contexts may nest; a flat object is 1 deep. */
export const maxDepth = 16
/** The most keys and array items that one event may hold in all. */
export const maxKeys = 1_000
/** The latest time that is taken, in ms since the epoch (the end of the year 9999). */
export const maxTime = 253_402_300_799_999
/** The most items that one `PUT /v1/items` takes. */
export const maxItems = 1_000
/** The most catalog types that one question may name. */
export const maxRecommendationTypes = 10
/** The most items of one list. */
export const maxRecommendations = 100
/** The most UTF-16 code units of an item's id. */
export const maxItemIdLength = 200
/** The most tags of one item. */
export const maxItemTags = 50
/** The most UTF-16 code units of an item's text; longer ones are cut. */
export const maxItemText = 10_000
/** The most bytes (UTF-8) of an item's attributes as JSON. */
export const maxItemAttributesBytes = 16_384
