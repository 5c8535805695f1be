/** The names of the styles of labelled traffic. The help of commands shows them, which must not load the styles. */
export const styleNames = ['web-shop', 'office', 'data-platform'] as const;

export type StyleName = (typeof styleNames)[number];
