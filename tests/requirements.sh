#!/usr/bin/env bash
# The programs the tests drive for real. Missing ones are installed through apt as root or with sudo; otherwise the exact packages are named.
set -eu
declare -A package=(
  [chromium]=chromium [redis-server]=redis-server [espeak-ng]=espeak-ng [sox]=sox [ffmpeg]=ffmpeg [pdftoppm]=poppler-utils [turnserver]=coturn
)
missing=()
for command in "${!package[@]}"; do
  command -v "$command" >/dev/null || missing+=("${package[$command]}")
done
compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null || missing+=(postgresql)
compgen -G "/usr/share/fonts/*/noto/NotoSansCJK*" >/dev/null || missing+=(fonts-noto-cjk)
[ -d /usr/share/poppler/cMap ] || missing+=(poppler-data) # without it poppler draws no Chinese
[ "${#missing[@]}" -eq 0 ] && exit 0
apt=(apt-get)
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    apt=(sudo apt-get)
  else
    echo "The tests need these packages, and only root may install them:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi
echo "Installing what the tests need: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${apt[@]}" update -q=2 >/dev/null
"${apt[@]}" install -q=2 -y --no-install-recommends "${missing[@]}" >/dev/null
