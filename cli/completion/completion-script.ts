import type { Completion } from './completion-table.ts';

/** The shells with a script. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * Returns the script that a shell evaluates to complete `npx flow-sentinel` and `flow-sentinel`. All words are in the
 * script, so that a completion starts no program.
 */
export function completionScript(shell: Shell, table: readonly Completion[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(table);
    case 'zsh':
      return `autoload -Uz compinit bashcompinit && compinit && bashcompinit\n${bashScript(table)}`;
    case 'fish':
      return fishScript(table);
  }
}

function bashScript(table: readonly Completion[]): string {
  const ofPath = table.map(({ path, operands, options }) => {
    return `    '${path}') words='${options.join(' ')}'; commands='${operands.join(' ')}' ;;`;
  });
  const ofOption = choicesOf(table).map(({ place, values }) => `    '${place}') commands='${values.join(' ')}' ;;`);
  return `_flow_sentinel() {
  local at=1 candidate path='' words='' commands=''
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [[ "\${COMP_WORDS[0]}" == npx ]]; then
    [[ "\${COMP_WORDS[1]}" == flow-sentinel && $COMP_CWORD -gt 1 ]] || return
    at=2
  fi
  while (( at < COMP_CWORD )); do
    candidate="\${path:+$path }\${COMP_WORDS[at]}"
    case "$candidate" in
      ${pathsOf(table).join('|')}) path="$candidate" ;;
      *) break ;;
    esac
    at=$(( at + 1 ))
  done
  case "$path" in
${ofPath.join('\n')}
  esac
  case "$path $previous" in
${ofOption.join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=( $(compgen -W "$words" -- "$current") )
  else
    COMPREPLY=( $(compgen -W "$commands" -- "$current") )
  fi
}
complete -o default -F _flow_sentinel flow-sentinel npx
`;
}

function fishScript(table: readonly Completion[]): string {
  const ofPath = table.map(({ path, operands, options }) => {
    return `    case '${path}'\n      printf '%s\\n' ${[...operands, ...options].join(' ')}`;
  });
  const ofOption = choicesOf(table).map(({ place, values }) => {
    return `    case '${place}'\n      printf '%s\\n' ${values.join(' ')}\n      return`;
  });
  return `function __flow_sentinel
  set -l words (commandline -opc)
  test "$words[1]" = npx; and set -e words[1]
  set -e words[1]
  set -l path ''
  for word in $words
    set -l candidate (string trim -- "$path $word")
    switch "$candidate"
      case ${pathsOf(table).join(' ')}
        set path "$candidate"
      case '*'
        break
    end
  end
  switch "$path $words[-1]"
${ofOption.join('\n')}
  end
  switch "$path"
${ofPath.join('\n')}
  end
end
complete -c flow-sentinel -a '(__flow_sentinel)'
complete -c npx -n '__fish_seen_subcommand_from flow-sentinel' -a '(__flow_sentinel)'
complete -c npx -n 'not __fish_seen_subcommand_from flow-sentinel' -a flow-sentinel
`;
}

/** Returns the quoted paths of all commands. */
function pathsOf(table: readonly Completion[]): string[] {
  return table.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
}

function choicesOf(table: readonly Completion[]): { place: string; values: readonly string[] }[] {
  return table.flatMap(({ path, choices }) =>
    choices.map(({ option, values }) => ({ place: `${path} ${option}`, values })),
  );
}
