/** Where the slide view stands in the studio: between the stage and the wall. Empty until there is one. */
export function SlideSlot() {
  return null;
}
