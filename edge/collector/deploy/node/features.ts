/** The phases of a rollout: which parts of the collector are switched on, and which are not there yet. */

/** The switches, by what they switch. */
export interface Features {
  /** Flags and experiments: the config, its stream, managing them, OFREP. */
  abTesting: boolean
  enhancedAuth: boolean
  /** Insights in words, by a language model where one is set. */
  aiInsights: boolean
  realTimeChat: boolean
}

interface Switch {
  /** The variable of the environment. */
  variable: string
  /** What it is where the variable is absent. */
  initial: boolean
  /** Whether this version has the module; a switch without one changes nothing. */
  there: boolean
}

/** All of them, in the order of the phases. */
export const switches: { [name in keyof Features]: Switch } = {
  abTesting: { variable: 'FEATURE_AB_TESTING', initial: true, there: true },
  enhancedAuth: { variable: 'FEATURE_ENHANCED_AUTH', initial: false, there: false },
  aiInsights: { variable: 'FEATURE_AI_INSIGHTS', initial: false, there: true },
  realTimeChat: { variable: 'FEATURE_REAL_TIME_CHAT', initial: false, there: false },
}

/**
 * Reads the switches: `true` or `false`.
 *
 * @param fault is told a sentence for each that is neither
 */
export function readFeatures(
  env: { [name: string]: string | undefined },
  fault: (sentence: string) => void,
): Features {
  const features = {} as Features
  for (const [name, { variable, initial }] of Object.entries(switches)) {
    const given = env[variable]?.trim().toLowerCase() || String(initial)
    if (given !== 'true' && given !== 'false')
      fault(`${variable} must be true or false, but is "${env[variable]}".`)
    features[name as keyof Features] = given === 'true'
  }
  return features
}

/** The variables that are switched on although this version has nothing to switch. */
export function notThereYet(features: Features): string[] {
  return Object.entries(switches)
    .filter(([name, { there }]) => features[name as keyof Features] && !there)
    .map(([, { variable }]) => variable)
}
