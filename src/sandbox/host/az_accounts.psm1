# The module Az.Accounts of the azfob sandbox. It answers from files, and is signed in to nothing real.
$folder = Split-Path (Split-Path (Split-Path $PSScriptRoot))

function Get-AzAccessToken {
    [CmdletBinding()]
    param([string]$ResourceUrl, [string]$TenantId, [switch]$AsSecureString)
    if (Test-Path "$folder\refusal.txt") { throw (Get-Content -Raw "$folder\refusal.txt").Trim() }
    $number = switch ($ResourceUrl) {
        '' { 0 }
@RESOURCES@        default { throw (@UNKNOWN_RESOURCE@ -f $ResourceUrl) }
    }
    $name = switch ($TenantId) {
        '' { 'default' }
@TENANTS@        default { throw (@UNKNOWN_TENANT@ -f $TenantId) }
    }
    $expires, $token = (Get-Content -Raw "$folder\$name.$number.parts").Trim() -split ' '
    [pscustomobject]@{
        Token = ConvertTo-SecureString $token -AsPlainText -Force
        ExpiresOn = [DateTimeOffset]::FromUnixTimeSeconds([long]$expires)
        Type = 'Bearer'
    }
}

function Get-AzContext {
    if (-not (Test-Path "$folder\refusal.txt")) { Get-Content -Raw "$folder\account.txt" }
}

function Connect-AzAccount {
    param([string]$Tenant, [string]$TenantId)
    Remove-Item -ErrorAction Ignore "$folder\refusal.txt"
    Get-AzContext
}

function Disconnect-AzAccount {
    Copy-Item "$folder\signed-out.txt" "$folder\refusal.txt"
}

Export-ModuleMember -Function Get-AzAccessToken, Get-AzContext, Connect-AzAccount, Disconnect-AzAccount
