/** Everything of a room, in the order in which the elements need each other. */

import './message-log'
import './member-list'
import './connection-bar'
import './chat-room'
