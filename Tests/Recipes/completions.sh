#!/usr/bin/env bash
# Loads the completions that diffcut writes into the shells that are here, types lines, and compares what is offered.
# zsh and fish are Debian's packages of these names; a shell that is missing is skipped and said so.
# usage: Tests/Recipes/completions.sh [DIFFCUT]
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=$(realpath "${1:-.build/release/diffcut}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/here/folder" "$work/empty" "$work/bin"
touch "$work/here/file.npy"
ln -s "$tool" "$work/bin/diffcut"
export PATH="$work/bin:$PATH" HOME="$work/empty" XDG_CONFIG_HOME="$work/empty" XDG_DATA_HOME="$work/empty"
cd "$work/here"

# Every shell prints the candidates for a line with the cursor at its end, one a line.
bash_candidates() {
  bash --norc -s "$1" << 'SCRIPT'
source ../completions.bash
complete -p diffcut | grep -q -- '-F _diffcut' || exit 1
# As readline does: words at blanks, "=" a word of its own.
read -ra COMP_WORDS <<< "${1//=/ = }"
[[ $1 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1}
_diffcut diffcut "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
SCRIPT
}

# zsh completes in its line editor only, so that it gets a terminal of its own. What is offered goes through compadd.
zsh_candidates() {
  rm -f ../offered
  cat > ../setup.zsh << 'SCRIPT'
[[ -n $SOURCED ]] || fpath=(../functions $fpath)
autoload -Uz compinit && compinit -u -D
[[ -z $SOURCED ]] || source ../completions.zsh
zstyle ':completion:*' menu no
compadd() {
  if [[ $1 == -[OAD] || ${@[(I)-[OAD]]} -gt 0 ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -O hits "$@"
  (( $#hits )) && print -rl -- $hits >> ../offered
  builtin compadd "$@"
}
offer() { zle list-choices; print END >> ../offered; zle kill-buffer; }
zle -N offer
bindkey '^T' offer
PS1=
print READY > ../offered
SCRIPT
  LINE=$1 zsh -f << 'SCRIPT'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'source ../setup.zsh'
wait_for() { local i; for ((i = 0; i < 500; i++)); do grep -qs $1 ../offered && return; sleep 0.02; done; exit 1; }
wait_for READY
sleep 0.2
zpty -w -n shell "$LINE"$'\x14'
wait_for END
zpty -d shell
SCRIPT
  grep -v -e '^READY$' -e '^END$' ../offered || true
}

fish_candidates() {
  fish --no-config -c 'source ../completions.fish; complete -C "$argv[1]"' "$1" | cut -f 1
}

failures=0
passed=0
# expect LINE CANDIDATE...: exactly these, in any order; folders with or without their slash, words of a list with or
# without those before them.
expect() {
  local line=$1 expected offered
  shift
  expected=$(printf '%s\n' "$@" | sort)
  offered=$("${shell}_candidates" "$line" | sed -e 's|/$||' -e 's|^--[a-z-]*=||' -e 's|^.*,||' | sort -u)
  if [ "$offered" = "$expected" ]; then
    passed=$((passed + 1))
  else
    failures=$((failures + 1))
    printf '%s: "%s" offers\n%s\nexpected\n%s\n' "$shell" "$line" "$offered" "$expected" >&2
  fi
}

for shell in bash zsh fish; do
  if ! command -v "$shell" > /dev/null; then
    echo "$shell: skipped, not installed"
    continue
  fi
  diffcut completions "$shell" > "../completions.$shell"
  "$shell" -n "../completions.$shell"
  mkdir -p ../functions
  [ "$shell" != zsh ] || cp ../completions.zsh ../functions/_diffcut
  passed=0
  expect 'diffcut ver' verify
  expect 'diffcut --ver' --version
  expect 'diffcut completions ' bash zsh fish
  expect 'diffcut completions bash b' ''
  expect 'diffcut help exit' exit-codes
  expect 'diffcut help --m' --man
  expect 'diffcut cut --up' --upsample
  expect 'diffcut cut --upsample ' concept nearest corner bilinear
  expect 'diffcut cut --upsample=n' nearest
  expect 'diffcut eval --method ' diffcut autosc maskcut kmeans diffseg
  expect 'diffcut cut --tau ' ''
  expect 'diffcut cut ' file.npy folder
  expect 'diffcut cut --tau 0.3 -o f' file.npy folder
  expect 'diffcut cut file.npy f' file.npy folder
  expect 'diffcut features file.npy f' ''
  expect 'diffcut segment one.png --threads 2 f' file.npy folder
  expect 'diffcut segment -o ' folder
  expect 'diffcut segment --output=f' folder
  expect 'diffcut segment --model b' built-in
  expect 'diffcut segment -m f' file.npy folder
  expect 'diffcut segment --noise ' cuda none
  expect 'diffcut segment -f em' embeddings
  expect 'diffcut segment -f labels,ov' overlay
  expect 'diffcut segment --format=labels,coco,e' embeddings eigenvectors
  expect 'diffcut segment -o folder -f coco,yolo,co' contour
  expect 'diffcut convert -f zz' ''
  expect 'diffcut convert -f npy,' labels overlay contour geojson yolo coco panoptic label-studio cvat csv
  expect 'diffcut segment -- --noi' ''
  expect 'diffcut bench at' attention
  expect 'diffcut bench f' file.npy folder
  expect 'diffcut bench gemm --isa ' portable avx2 avx512
  expect 'diffcut model ' info check pack synthesize
  expect 'diffcut model synthesize ' ssd-1b vega sd1.4
  expect 'diffcut model --config folder synthesize s' ssd-1b sd1.4
  expect 'diffcut model info ' file.npy folder
  expect 'diffcut model synthesize vega --wid' --widths
  expect 'diffcut nonsense --' ''
  if [ "$shell" = zsh ]; then
    # Sourced, and not found by its name.
    export SOURCED=yes
    expect 'diffcut cut --upsample ' concept nearest corner bilinear
    unset SOURCED
  fi
  echo "$shell: $passed passed"
done
[ "$failures" = 0 ] || { echo "$failures failed" >&2; exit 1; }
