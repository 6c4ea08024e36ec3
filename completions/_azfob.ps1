# Completion of azfob for PowerShell. It runs `azfob __complete`, and only when you press the completion key.

Register-ArgumentCompleter -Native -CommandName azfob -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })

    # Windows PowerShell drops empty arguments, so an option stands for one.
    $typed = if ($wordToComplete) { @('--', $words, $wordToComplete) } else { @('--empty', '--', $words) }
    $typed = @($typed | ForEach-Object { $_ })

    & azfob __complete @typed 2>$null | ForEach-Object {
        $word, $help = $_ -split "`t", 2
        if ($word -eq ':command' -and $words[-1] -eq '--') {
            [System.Management.Automation.CompletionCompleters]::CompleteCommand($wordToComplete)
        } elseif ($word -eq ':files' -or $word -eq ':command') {
            # After the = of an option.
            $option = if ($word -eq ':files' -and $wordToComplete -match '^--[^=]+=') { $Matches[0] } else { '' }
            $path = $wordToComplete.Substring($option.Length)
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($path) | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new(
                    $option + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
            }
        } else {
            if (-not $help) { $help = $word }
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $help)
        }
    }
}
