#!/bin/sh
# Runs one PostgreSQL server for whoever holds our standard input, and never for longer: once that is closed, however
# its holder ended, the server is stopped and its folder removed.
#
#   server.sh FOLDER      with bin/, lib/ and share/ of PostgreSQL
#
# Reads the superuser's password, then commands, one on each line: `start PORT`, `stop` (as an administrator would) and
# `crash`. Answers each with a line: the server's folder; `started` or `failed`; `stopped`. All else that it writes says
# what went wrong.
set -eu
exec 2>&1
native=$1
server=

# Becomes a program that knows nothing of our surroundings. PostgreSQL refuses to run as root.
become() {
  if [ "$(id -u)" = 0 ]; then set -- setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"; fi
  exec env -i PATH="$PATH" LC_ALL=C TZ=UTC "$@"
}

end_server() {
  [ -n "$server" ] || return 0
  kill -s "$1" "$server" 2>/dev/null || true # it may have ended by itself
  wait "$server" || true
  server=
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/sealgate-postgres.XXXXXX")
trap 'end_server QUIT; cd /; rm -rf "$folder"' EXIT
# An answer that nobody hears any more must not keep us from cleaning up.
trap '' PIPE
trap 'exit 1' HUP INT TERM
cd "$folder"
log=$folder/log

# A checkout may lie where `nobody` cannot look, as in root's home.
use_readable_programs() {
  if [ "$(id -u)" = 0 ]; then chown nobody "$folder"; fi
  if (become test -x "$native/bin/postgres") 2>/dev/null; then return 0; fi
  cp -R "$native/." "$folder/native"
  chmod -R go+rX "$folder/native"
  native=$folder/native
}

# Without fsync a commit is safe from a crash of the server, though not of the machine; that is all a test asks for.
# One iteration: unoptimised clients need tenths of a second for the usual 4096. Memory in files: /dev/shm is small in
# containers.
initialise() {
  (become "$native/bin/initdb" --pgdata=data --username=postgres --pwfile=password --auth=scram-sha-256 \
    --locale=C --encoding=UTF8 --no-sync --no-instructions --set scram_iterations=1 \
    --set listen_addresses=127.0.0.1 --set unix_socket_directories= --set max_connections=200 \
    --set shared_buffers=16MB --set dynamic_shared_memory_type=mmap --set io_method=sync \
    --set fsync=off --set full_page_writes=off --set max_wal_size=256MB --set autovacuum=off) </dev/null >>"$log" 2>&1 || { cat "$log"; exit 1; }
}

is_ready() { grep -q '^ready' data/postmaster.pid 2>/dev/null; }

start() {
  end_server QUIT # never two
  (become "$native/bin/postgres" -D data -p "$1") </dev/null >>"$log" 2>&1 &
  server=$!
  until is_ready; do
    if ! kill -0 "$server" 2>/dev/null; then
      end_server QUIT
      echo failed
      return 0
    fi
    sleep 0.01
  done
  echo started
}

use_readable_programs
IFS= read -r password
printf '%s\n' "$password" >password
if [ "$(id -u)" = 0 ]; then chown nobody password; fi
initialise
rm password
echo "$folder"

while read -r command port; do
  case $command in
    start) start "$port" ;;
    stop) end_server INT && echo stopped ;;
    crash) end_server QUIT && echo stopped ;;
    *) echo "no such command: $command" ;;
  esac
done
