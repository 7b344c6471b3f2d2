#!/bin/bash
printf '%s\n' "$EPOCHREALTIME" >/bigeye/run/first_instruction
# A stand-in for Bigeye's batch agents. It follows the agent contract (lib/contract/container.ts). Its
# configuration controls how a run ends, so that demo, tests and bench can produce every outcome.
#
#   lineage run -c TYPE [-c TYPE…] [-n NAME]           reads /bigeye/config/TYPE.properties
#   external-monitors run -c TYPE [-c TYPE…] [-n NAME] reads the same
#   datahealth run --file-name FILE [--command CMD]    reads /bigeye/config/FILE
#
# In TYPE.properties every connection has a number, as in Bigeye's files:
#   environment.name.1=prod      standin.seconds.1=2      standin.errors.1=first line|second line
# In either file, for the whole run:
#   standin.seconds=2  standin.exit=3  standin.message=text  standin.ignore_term=true  standin.memory_mb=64

readonly config=/bigeye/config run=/bigeye/run
term_at='' sleeper='' ballast='' results=()

# The first line above records the time without a fork, because the bench measures it.
trap '
  term_at=$EPOCHREALTIME
  printf "%s\n" "$term_at" >"$run/sigterm"
  [[ ${settings[standin.ignore_term]:-} == true || -z $sleeper ]] || kill "$sleeper"
' TERM

say() { printf '%s %s\n' "$EPOCHREALTIME" "$*"; }

# Reads the key=value lines of a file into settings.
declare -A settings
read_settings() {
  local key value
  settings=()
  [[ -r $1 ]] || finish 1 "Cannot read configuration file \"$1\""
  while IFS='=' read -r key value || [[ -n $key ]]; do
    [[ -z $key || $key == '#'* ]] || settings[$key]=$value
  done <"$1"
}

# Waits for so many seconds. SIGTERM ends the wait unless the configuration says to ignore it.
work() {
  [[ ${1:-0} != 0 ]] || return 0
  sleep "$1" &
  sleeper=$!
  while kill -0 "$sleeper" 2>/dev/null; do wait "$sleeper"; done
  sleeper=''
  [[ -z $term_at || ${settings[standin.ignore_term]:-} == true ]] || finish 143 'Stopped on request'
}

json() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\t'/\\t}
  printf '"%s"' "${text//$'\r'/}"
}

# finish EXIT MESSAGE: writes result.json and ends.
finish() {
  local IFS=, message=''
  [[ -z $2 ]] || message="\"message\":$(json "$2"),"
  printf '{%s"connections":[%s]}\n' "$message" "${results[*]}" >"$run/result.json"
  [[ -z $2 ]] || say "$2"
  exit "$1"
}

# connection TYPE NUMBER NAME: runs one connection of a connector file, with its own log.
connection() {
  local type=$1 number=$2 name=$3 log="$run/logs/$1-$3.log" status=succeeded line list=()
  local -a errors=()
  say "$type $name: started" | tee_to "$log"
  work "${settings[standin.seconds.$number]:-0}"
  IFS='|' read -ra errors <<<"${settings[standin.errors.$number]:-}"
  for line in "${errors[@]}"; do
    status=failed
    list+=("$(json "$line")")
    say "ERROR $line" | tee_to "$log"
  done
  say "$type $name: $status" | tee_to "$log"
  local IFS=,
  results+=("{\"connector\":$(json "$type"),\"name\":$(json "$name"),\"status\":\"$status\",\"errors\":[${list[*]}],\"log\":$(json "$log")}")
  [[ $status == succeeded ]]
}

tee_to() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line"
    printf '%s\n' "$line" >>"$1"
  done
}

# connections_of TYPE NAME: runs all connections of a connector type, or only the one with that name.
connections_of() {
  local type=$1 wanted=$2 number failures=0 found=0
  read_settings "$config/$type.properties"
  for ((number = 1; ; number++)); do
    local name=${settings[environment.name.$number]:-}
    [[ -n $name ]] || break
    [[ -z $wanted || $name == "$wanted" ]] || continue
    found=$((found + 1))
    connection "$type" "$number" "$name" || failures=$((failures + 1))
  done
  ((found > 0)) || finish 1 "Cannot find a connection${wanted:+ named \"$wanted\"} of connector type \"$type\""
  general_settings
  ((failures == 0))
}

# Applies the settings for the whole run.
general_settings() {
  local megabytes=${settings[standin.memory_mb]:-0}
  # Kept until the script ends, so that a run can reach its memory limit.
  printf -v ballast '%*s' $((megabytes * 1048576)) ''
  work "${settings[standin.seconds]:-0}"
  [[ ${settings[standin.exit]:-0} == 0 ]] || finish "${settings[standin.exit]}" "${settings[standin.message]:-}"
}

run_connectors() {
  local types=() wanted='' failed=0 type
  while (($# > 0)); do
    case $1 in
      -c) types+=("$2") ;;
      -n) wanted=$2 ;;
      *) finish 2 "Cannot understand option \"$1\"" ;;
    esac
    shift 2
  done
  mkdir -p "$run/logs"
  for type in "${types[@]}"; do connections_of "$type" "$wanted" || failed=1; done
  ((failed == 0)) || finish 1 ''
  finish 0 ''
}

run_file() {
  local file=''
  while (($# > 0)); do
    case $1 in
      --file-name) file=$2 ;;
      --command) say "command: $2" ;;
      *) finish 2 "Cannot understand option \"$1\"" ;;
    esac
    shift 2
  done
  read_settings "$config/$file"
  general_settings
  say "done, holding ${#ballast} bytes"
  finish 0 "${settings[standin.message]:-}"
}

case "$1 $2" in
  'lineage run' | 'external-monitors run') run_connectors "${@:3}" ;;
  'datahealth run') run_file "${@:3}" ;;
  *) finish 2 "Cannot understand command \"$*\"" ;;
esac
