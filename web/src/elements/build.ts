/** Builds what is not on the page from the start. Text goes in as text only. */

export type Child = Node | string | false | undefined
export type Attributes = Readonly<Record<string, string | boolean | undefined>>

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '')
    else if (typeof value === 'string') element.setAttribute(name, value)
  }
  element.append(...children.filter((child): child is Node | string => child instanceof Node || !!child))
  return element
}

/** A picture of the sprite, as the templates write it. */
export function icon(name: string): SVGSVGElement {
  const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  picture.setAttribute('class', `icon i-${name}`)
  picture.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', `${document.body.dataset.icons ?? ''}#${name}`)
  picture.append(use)
  return picture
}
