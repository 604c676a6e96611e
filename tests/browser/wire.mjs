// The wire between a person's pages and the server, in our hands: it can fall silent while it looks alive, lose what the
// server says, and say what the server does not say yet.

export class Wire {
  #open = new Set()
  /** Connections that the pages have opened so far. */
  opened = 0
  /** Every command that the pages have sent: `[name, payload]`. */
  commands = []
  #awaited = []

  /** For all pages of a person that are opened from now on. */
  static async of(person) {
    const wire = new Wire()
    await person.context.routeWebSocket(/\/socket\.io\//, (page) => wire.#join(page))
    return wire
  }

  #join(page) {
    const server = page.connectToServer()
    const line = { page, toServer: true, toPage: true, answer: undefined, lost: 0 }
    this.opened += 1
    this.#open.add(line)
    page.onMessage((packet) => {
      const command = /^42\/chat,(\d*)(\[.*)$/s.exec(packet)
      const said = command ? JSON.parse(command[2]) : []
      if (command) this.#hear(said)
      const answer = command && line.answer?.(...said)
      if (answer) page.send(`43/chat,${command[1]}${JSON.stringify([answer])}`)
      else if (line.toServer) server.send(packet)
    })
    server.onMessage((packet) => {
      const lost = line.lost > 0 && String(packet).startsWith('42/chat,["chat"')
      if (lost) line.lost -= 1
      else if (line.toPage) page.send(packet)
    })
    const end = (other) => () => {
      this.#open.delete(line)
      other.close()
    }
    page.onClose(end(server))
    server.onClose(end(page))
  }

  /** What the server says on today's connections is lost from now on. */
  loseAnswers() {
    for (const line of this.#open) line.toPage = false
  }

  /** The next messages that others say are lost. */
  loseEvents(count) {
    for (const line of this.#open) line.lost = count
  }

  /** Today's connections carry nothing any more, and do not say so. */
  die() {
    for (const line of this.#open) Object.assign(line, { toPage: false, toServer: false })
  }

  /** Today's connections end. */
  async cut() {
    for (const { page } of [...this.#open]) await page.close()
  }

  /** An event, as if the server had sent it. */
  say(name, payload) {
    for (const { page } of this.#open) page.send(`42/chat,${JSON.stringify([name, payload])}`)
  }

  /** Answers commands in the place of the server: `answer(name, payload)`, or nothing to let one pass. */
  answerWith(answer) {
    for (const line of this.#open) line.answer = answer
  }

  /** Resolves with the next command of this name. */
  next(name) {
    return new Promise((resolve) => this.#awaited.push({ name, resolve }))
  }

  #hear(said) {
    this.commands.push(said)
    for (const { resolve } of this.#awaited.filter(({ name }) => name === said[0])) resolve(said[1])
    this.#awaited = this.#awaited.filter(({ name }) => name !== said[0])
  }

  sent(name) {
    return this.commands.filter(([command]) => command === name).length
  }
}
