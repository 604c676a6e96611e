/** What the buttons with `data-act` in a room do. */

import { get, openDialog, toast } from './dom'
import { copyLink, share, showInvite } from './invite'
import type { MemberList } from './member-list'
import { texts } from './page'
import { switchTheme } from './theme-switch'

export interface Doings {
  reconnect: () => void
  older: () => void
  gif: () => void
  file: () => void
  ended: () => void
}

const NARROW = matchMedia('(max-width: 1023.9px)')

export function act(button: HTMLElement, room: HTMLElement, doings: Doings): void {
  const { link = '', title = '' } = room.dataset
  const people = get<MemberList>(room, 'member-list')
  document.querySelector<HTMLElement>('#menu:popover-open')?.hidePopover()
  switch (button.dataset.act) {
    case 'copy':
      return void copyLink(link)
    case 'share':
      return void share(title, link)
    case 'invite':
      return showInvite()
    case 'theme':
      return switchTheme()
    case 'remove':
      return openDialog(get<HTMLDialogElement>(room, 'dialog#remove'))
    case 'remove-now':
      return void remove(room.dataset.room ?? '', doings.ended)
    case 'reconnect':
    case 'older':
    case 'gif':
    case 'file':
      return doings[button.dataset.act]()
    case 'people':
      return people.open(button)
    case 'rename':
    case 'search':
    case 'tools':
      // See `keeping.ts`.
      return
    default:
      // The title opens the list as well, where it is not on the page anyway.
      if (NARROW.matches) people.open(get(room, '[data-act=people]'))
  }
}

async function remove(id: string, ended: () => void): Promise<void> {
  const answer = await fetch(`/room/${id}`, { method: 'DELETE', headers: { Accept: 'application/json' } }).catch(() => undefined)
  if (answer?.ok || answer?.status === 404) return ended()
  get<HTMLDialogElement>(document, 'dialog#remove').close()
  toast(texts.text('problem.unavailable.detail'))
}
