@echo off
rem The Azure CLI of the azfob sandbox: a few commands, answered from files. It is signed in to nothing real.
setlocal EnableExtensions DisableDelayedExpansion
set "folder=%~dp0..\az"
if exist "%folder%\slow" goto slow
if exist "%folder%\garbage" goto garbage
set "command="
set "output=json"
set "query="
set "resource="
set "tenant="
set "subscription="
:words
if "%~1"=="" goto run
set "word=%~1"
if "%word:~0,1%"=="-" goto options
if defined command (set "command=%command% %word%") else set "command=%word%"
shift
goto words
:options
if "%~1"=="" goto run
for %%o in (--only-show-errors --verbose --debug --identity -i --use-device-code --allow-no-subscriptions) do if "%~1"=="%%o" goto flag
for %%o in (--version -v) do if "%~1"=="%%o" set "command=version"
for %%o in (--version -v) do if "%~1"=="%%o" goto flag
set "name="
for %%o in (--output -o) do if "%~1"=="%%o" set "name=output"
for %%o in (--query) do if "%~1"=="%%o" set "name=query"
for %%o in (--resource --scope) do if "%~1"=="%%o" set "name=resource"
for %%o in (--tenant -t) do if "%~1"=="%%o" set "name=tenant"
for %%o in (--subscription -s) do if "%~1"=="%%o" set "name=subscription"
for %%o in (--client-id --object-id --resource-id --username -u) do if "%~1"=="%%o" set "name=other"
if not defined name goto unrecognized
if "%~2"=="" goto novalue
set "%name%=%~2"
if "%~1"=="--scope" set "resource=%resource:/.default=%"
shift
:flag
shift
goto options
:unrecognized
>&2 echo az of the azfob sandbox: unrecognized arguments: %~1
exit /b 2
:novalue
>&2 echo az of the azfob sandbox: argument %~1: expected one argument
exit /b 2
:run
if "%command%"=="version" goto version
if "%command%"=="login" goto login
if "%command%"=="logout" goto logout
if "%command%"=="account show" goto show
if "%command%"=="account list" goto list
if "%command%"=="account get-access-token" goto token
>&2 echo az of the azfob sandbox: it has 'account get-access-token', 'account show', 'account list', 'login', 'logout' and 'version', not '%command%'
exit /b 2
:version
type "%folder%\version.json"
exit /b 0
:login
del "%folder%\refusal.txt" 2>nul
type "%folder%\accounts.json"
exit /b 0
:logout
copy /y "%folder%\signed-out.txt" "%folder%\refusal.txt" >nul
exit /b 0
:show
if exist "%folder%\refusal.txt" goto refused
type "%folder%\account.json"
exit /b 0
:list
if exist "%folder%\refusal.txt" goto refused
type "%folder%\accounts.json"
exit /b 0
:refused
type "%folder%\refusal.txt" >&2
exit /b 1
:slow
%SystemRoot%\System32\ping.exe -n 600 127.0.0.1 >nul
exit /b 1
:garbage
echo Welcome
exit /b 0
:token
if defined tenant if defined subscription goto both
if exist "%folder%\refusal.txt" goto refused
set "number="
if not defined resource set "number=0"
@RESOURCES@if not defined number goto noresource
set "file="
if not defined tenant set "file=default"
@TENANTS@if not defined file goto notenant
set "form=%query% %output%"
if "%form%"==" none" exit /b 0
set "name="
if "%form%"=="accessToken tsv" set "name=%file%.%number%.token"
for %%f in (json jsonc) do if "%form%"==" %%f" set "name=%file%.%number%.json"
if not defined name goto noform
type "%folder%\%name%"
exit /b 0
:noform
>&2 echo az of the azfob sandbox: it prints JSON, or --query accessToken -o tsv
exit /b 2
:both
set "message=Please specify only one of subscription and tenant, not both"
goto fail
:noresource
set "message=@UNKNOWN_RESOURCE@"
goto fail
:notenant
set "message=@UNKNOWN_TENANT@"
:fail
>&2 echo ERROR: %message%
exit /b 1
