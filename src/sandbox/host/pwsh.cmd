@echo off
rem PowerShell of the azfob sandbox: the one of Windows, with a module Az.Accounts that is answered from files.
setlocal EnableExtensions DisableDelayedExpansion
set "folder=%~dp0..\pwsh"
if exist "%folder%\slow" goto slow
if exist "%folder%\garbage" goto garbage
set "PSModulePath=%folder%\modules;%PSModulePath%"
"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe" -ExecutionPolicy Bypass %*
exit /b %ERRORLEVEL%
:slow
%SystemRoot%\System32\ping.exe -n 600 127.0.0.1 >nul
exit /b 1
:garbage
echo Welcome
exit /b 0
