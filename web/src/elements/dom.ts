/** Little helpers for the elements. */

import { isColor } from '../lib/looks'

/** The element that the page's template promises to be there. */
export function get<T extends Element = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector)
  if (!found) throw new Error(`The page has no ${selector}`)
  return found
}

/** A copy of the only element of a `<template>`. */
export function clone<T extends Element = HTMLElement>(template: HTMLTemplateElement): T {
  return document.importNode(template.content, true).firstElementChild as T
}

export function template(id: string): HTMLTemplateElement {
  return get<HTMLTemplateElement>(document, `template#${id}`)
}

/** Shows an element in a person's colour. */
export function paint(element: HTMLElement, color: string): void {
  if (isColor(color)) element.style.setProperty('--u', color)
}

/** Ends an element with its motion, then removes it. Never longer than the motion rules allow. */
export function leave(element: HTMLElement): Promise<void> {
  element.classList.add('leaving')
  return new Promise((resolve) => {
    setTimeout(() => {
      element.remove()
      resolve()
    }, 200)
  })
}

/** Takes parts of a whole away. Who was on one of them is on the whole then. */
export function strip(whole: HTMLElement, parts: string): void {
  const on = document.activeElement
  for (const part of whole.querySelectorAll(parts)) {
    const had = part.contains(on)
    part.remove()
    if (had) whole.focus({ preventScroll: true })
  }
}

let hiding = 0

/** Says something small for a few seconds, above everything. */
export function toast(text: string): void {
  const box = get(document, '.toast')
  box.textContent = text
  box.showPopover()
  clearTimeout(hiding)
  hiding = window.setTimeout(() => box.hidePopover(), 3500)
}

/** Opens a modal dialog; every `data-close` in it, its backdrop and Escape close it and give the focus back. */
export function openDialog(dialog: HTMLDialogElement): void {
  if (!dialog.open) dialog.showModal()
  if (dialog.dataset.ready) return
  dialog.dataset.ready = 'true'
  dialog.addEventListener('click', (event) => {
    const target = event.target as Element
    if (target === dialog ? outside(dialog, event) : target.closest('[data-close]')) dialog.close()
  })
}

function outside(dialog: HTMLElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect()
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom
}
