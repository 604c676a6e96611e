/** A part of the program did not come: nothing is wrong with what it was to work on. */
export class Unloaded extends Error {}
