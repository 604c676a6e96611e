#!/bin/sh
# Behaves like the server as far as src/server.rs can tell. STUB says how.
# Called with: --listen ADDRESS --data FOLDER [--SETTING VALUE]
case "$STUB" in
closed)
  echo "no way" >&2
  exit 1
  ;;
esac
[ "$STUB" = ends ] || trap "exit 7" TERM
echo "GIF Chat is open at http://$2"
echo "$5 $6" >&2
case "$STUB" in
ends) exit 3 ;;
*)
  while :; do sleep 0.05; done
  ;;
esac
