import type { Completed, CompletedCommand, CompletedOption, Completion } from "../completion.ts";

/**
 * For PowerShell 7 and Windows PowerShell 5.1. Unverified: it was never run in a PowerShell, its syntax
 * alone was read by a parser (tree-sitter-powershell).
 */
export function powershellCompletion({ commands }: Completion): string {
  return [
    "# PowerShell completion of rolecall; made by: rolecall completion powershell",
    "Register-ArgumentCompleter -Native -CommandName rolecall -ScriptBlock {",
    "    param($wordToComplete, $commandAst, $cursorPosition)",
    "",
    "    # What may stand in each command. Where Paths is true, only the file system knows.",
    "    $table = @{",
    ...commands.flatMap(commandLines),
    "    }",
    "",
    ENGINE,
  ].join("\n");
}

function commandLines({ name, words, options, takesCommand }: CompletedCommand): readonly string[] {
  return [
    `        ${quote(name)} = @{`,
    `            Words = ${pairs(words)}; Paths = ${arePaths(words)}; Wraps = ${truth(takesCommand)}`,
    "            Options = @(",
    ...options.map((option) => `                ${optionLine(option)}`),
    "            )",
    "        }",
  ];
}

function optionLine({ flags, about, value, choices }: CompletedOption): string {
  const rows = [
    `Flags = @(${flags.map(quote).join(", ")})`,
    `About = ${quote(about)}`,
    `Value = ${truth(value !== null)}`,
    `Words = ${pairs(choices)}`,
    `Paths = ${arePaths(choices)}`,
  ];
  return `@{ ${rows.join("; ")} }`;
}

function pairs(words: Completed): string {
  const list = typeof words === "string" ? [] : words;
  return `@(${list.map(({ word, about }) => `@{ Text = ${quote(word)}; About = ${quote(about === "" ? word : about)} }`).join(", ")})`;
}

function arePaths(words: Completed): string {
  return truth(typeof words === "string");
}

function truth(value: boolean): string {
  return value ? "$true" : "$false";
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;
}

const ENGINE = `    $offer = {
        param($text, $about, $kind)
        if ($text.StartsWith($wordToComplete, [StringComparison]::Ordinal)) {
            [System.Management.Automation.CompletionResult]::new($text, $text, $kind, $about)
        }
    }
    $find = {
        param($command, $flag)
        $command.Options | Where-Object { $_.Flags -ccontains $flag } | Select-Object -First 1
    }

    # The words behind rolecall that end before the cursor.
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    $name = ''
    $start = 0
    if ($words.Count -gt 1 -and $table.ContainsKey("$($words[0]) $($words[1])")) {
        $name = "$($words[0]) $($words[1])"
        $start = 2
    } elseif ($words.Count -gt 0 -and $table.ContainsKey($words[0])) {
        $name = $words[0]
        $start = 1
    }
    $command = $table[$name]

    $pending = $null
    $given = 0
    for ($i = $start; $i -lt $words.Count; $i++) {
        $word = $words[$i]
        if ($null -ne $pending) {
            $pending = $null
        } elseif ($word -ceq '--') {
            # Behind -- stands another command, which PowerShell completes as if it stood alone.
            if ($command.Wraps) {
                $behind = (@($words | Select-Object -Skip ($i + 1)) + $wordToComplete) -join ' '
                (TabExpansion2 -inputScript $behind -cursorColumn $behind.Length).CompletionMatches
            }
            return
        } elseif ($word.StartsWith('-')) {
            $option = & $find $command $word
            if ($null -ne $option -and $option.Value) { $pending = $option }
        } else {
            $given++
        }
    }

    # Where paths fit, nothing is returned, and PowerShell offers paths.
    if ($null -ne $pending) {
        $pending.Words | ForEach-Object { & $offer $_.Text $_.About 'ParameterValue' }
    } elseif ($wordToComplete -match '^(--[^=]+)=(.*)$') {
        $flag = $Matches[1]
        $option = & $find $command $flag
        if ($null -ne $option) {
            $option.Words | ForEach-Object { & $offer "$flag=$($_.Text)" $_.About 'ParameterValue' }
        }
    } elseif ($wordToComplete.StartsWith('-')) {
        foreach ($option in $command.Options) {
            foreach ($flag in $option.Flags) { & $offer $flag $option.About 'ParameterName' }
        }
        if ($command.Wraps) { & $offer '--' 'the command' 'ParameterName' }
    } elseif ($given -eq 0 -and $command.Words.Count -gt 0) {
        $command.Words | ForEach-Object { & $offer $_.Text $_.About 'ParameterValue' }
    } elseif ($command.Wraps) {
        & $offer '--' 'the command' 'ParameterName'
    }
}
`;
