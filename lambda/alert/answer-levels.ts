/** The least levels of findings that are answered, and `off`. */
export const answerLevels = ['off', 'medium', 'high'] as const;
