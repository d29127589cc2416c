#!/bin/sh
# Turns a root with python3 and gcc into the runner: builds the supervisor, then takes away what no candidate needs.
set -e
root=${1:-/}
cd "$root"
chroot "$root" gcc -O2 -std=gnu17 -Wall -Wextra -Werror -static -s -o /supervisor /tmp/supervisor/execute.c /tmp/supervisor/folders.c \
    /tmp/supervisor/live.c /tmp/supervisor/main.c /tmp/supervisor/meter.c /tmp/supervisor/store.c /tmp/supervisor/wire.c
chmod 0555 supervisor
mkdir -p work && chown 65534:65534 work
rm -rf tmp/* var/lib/apt/lists/* var/lib/dpkg/info var/cache/* var/log var/tmp/* root home usr/share/doc usr/share/man usr/share/info usr/share/locale \
    usr/share/perl* usr/share/bash-completion usr/share/zoneinfo etc/dpkg etc/cron* etc/systemd etc/shadow* etc/gshadow*
rm -f usr/bin/apt* usr/bin/dpkg* usr/bin/perl* usr/sbin/* usr/bin/lto-dump* usr/lib/gcc/*/*/lto1 usr/lib/gcc/*/*/lto-wrapper
mkdir -p var/log root home
find . -xdev -perm /6000 -exec chmod a-s {} +
find . -xdev -name __pycache__ -type d -prune -exec rm -rf {} +
