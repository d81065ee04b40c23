/** How insights are written: the settings of the language model, where there is one. */

/** A model behind an OpenAI-compatible endpoint with structured outputs. */
export interface ModelOptions {
  /** Where `/chat/completions` is asked, such as `https://api.openai.com/v1`. Private hosts need `guardedFetch({ allow })`. */
  url: string
  /** Sent as `Authorization: Bearer`, and nowhere else. */
  key: string
  /** The model's name at its provider. */
  name: string
  /**
   * The most tokens, of questions and answers, for one project and day (UTC); beyond it templates answer.
   * @default 200_000
   */
  dailyTokens?: number
  /**
   * The attributes of people and items that the model may see, by name. Reasons that rest on others are told without
   * their values.
   * @default ['interests', 'languages', 'goals', 'tags', 'category']
   */
  attributes?: readonly string[]
  /**
   * Until when it must have answered, attempts and pauses included, in ms.
   * @default 8_000
   */
  timeoutMs?: number
  /**
   * How long what it wrote is given again, in ms.
   * @default 604_800_000 (7 days)
   */
  keepMs?: number
  /**
   * What the endpoint calls the limit of an answer's tokens; older ones say `max_tokens`.
   * @default 'max_completion_tokens'
   */
  limitField?: 'max_completion_tokens' | 'max_tokens'
}

/** What insights can be told. */
export interface InsightsOptions {
  /** Absent, every insight is written from templates, and nothing is called. */
  model?: ModelOptions
}

/** What a model may see where nothing else is said. */
export const defaultAttributes: readonly string[] = ['interests', 'languages', 'goals', 'tags', 'category']
