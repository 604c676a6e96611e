/** Styles of parts that are loaded later. Vite asks for each once and takes one that did not come as there. */

const missing = new Set<string>()

/** From now on it is known which did not come. */
export function watchStyles(): void {
  const gone = ({ target }: Event): void => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== 'stylesheet') return
    missing.add(target.href)
    target.remove()
  }
  document.addEventListener('error', gone, true)
}

/** Those that did not come, once more. Rejects when one does not come again. */
export async function missingStyles(): Promise<void> {
  await Promise.all([...missing].map(fetchStyle))
}

function fetchStyle(href: string): Promise<void> {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', crossOrigin: '', href })
  document.head.append(link)
  return new Promise((resolve, reject) => {
    link.onload = () => {
      missing.delete(href)
      resolve()
    }
    link.onerror = () => reject(new Error(`No style ${href}`))
  })
}
