/** What is a sheet on a phone: its handle can be pulled down. */

const FAR_ENOUGH_PX = 80

export function drag(sheet: HTMLElement, grip: HTMLElement, close: () => void): void {
  grip.onpointerdown = (down) => {
    grip.setPointerCapture(down.pointerId)
    grip.onpointermove = (move) => sheet.style.setProperty('translate', `0 ${Math.max(0, move.clientY - down.clientY)}px`)
    const end = (up: PointerEvent) => {
      grip.onpointermove = grip.onpointerup = grip.onpointercancel = null
      sheet.style.removeProperty('translate')
      if (up.type === 'pointerup' && up.clientY - down.clientY > FAR_ENOUGH_PX) close()
    }
    grip.onpointerup = grip.onpointercancel = end
  }
}
