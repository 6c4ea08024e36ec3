@echo off
rem The Azure Developer CLI of the azfob sandbox: a few commands, answered from files. It is signed in to nothing real.
setlocal EnableExtensions DisableDelayedExpansion
set "folder=%~dp0..\azd"
if exist "%folder%\slow" goto slow
if exist "%folder%\garbage" goto garbage
set "command="
set "output="
set "resource="
set "tenant="
set "check="
set "reason="
:words
if "%~1"=="" goto run
set "word=%~1"
if "%word:~0,1%"=="-" goto options
if defined command (set "command=%command% %word%") else set "command=%word%"
shift
goto words
:options
if "%~1"=="" goto run
if "%~1"=="--check-status" set "check=yes"
for %%o in (--no-prompt --debug --use-device-code --managed-identity --check-status) do if "%~1"=="%%o" goto flag
set "name="
for %%o in (--output -o) do if "%~1"=="%%o" set "name=output"
for %%o in (--scope) do if "%~1"=="%%o" set "name=resource"
for %%o in (--tenant-id) do if "%~1"=="%%o" set "name=tenant"
for %%o in (--claims --client-id --cwd -C) do if "%~1"=="%%o" set "name=other"
if not defined name goto unrecognized
if "%~2"=="" goto novalue
set "%name%=%~2"
if "%~1"=="--scope" set "resource=%resource:/.default=%"
shift
:flag
shift
goto options
:unrecognized
>&2 echo azd of the azfob sandbox: unknown flag: %~1
exit /b 2
:novalue
>&2 echo azd of the azfob sandbox: flag needs an argument: %~1
exit /b 2
:run
if "%command%"=="version" goto version
if "%command%"=="auth login" goto login
if "%command%"=="auth logout" goto logout
if "%command%"=="auth token" goto token
>&2 echo azd of the azfob sandbox: it has 'auth token', 'auth login', 'auth logout' and 'version', not '%command%'
exit /b 2
:version
echo azd version 1.24.1 (commit 0000000000000000000000000000000000000000)
exit /b 0
:login
if not defined check del "%folder%\refusal.txt" 2>nul
if exist "%folder%\refusal.txt" goto status
echo Logged in to Azure.
exit /b 0
:status
echo Not logged in, run `azd auth login` to login to Azure.
exit /b 1
:logout
copy /y "%folder%\signed-out.txt" "%folder%\refusal.txt" >nul
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
if exist "%folder%\refusal.txt" goto refused
set "number="
if not defined resource set "number=0"
@RESOURCES@if not defined number goto noresource
set "file="
if not defined tenant set "file=default"
@TENANTS@if not defined file goto notenant
if not defined output type "%folder%\%file%.%number%.token"
if not defined output exit /b 0
if not "%output%"=="json" goto noform
type "%folder%\%file%.%number%.json"
exit /b 0
:noform
>&2 echo azd of the azfob sandbox: unsupported format '%output%'
exit /b 2
:noresource
set "reason=invalid_resource"
set "message=@UNKNOWN_RESOURCE@"
goto fail
:notenant
set "reason=invalid_tenant"
set "message=@UNKNOWN_TENANT@"
:fail
if defined reason >&2 echo {"error":"fetching token: failed to authenticate:\n(%reason%) %message%"}
if not defined reason >&2 echo {"error":"fetching token: %message%","suggestion":"reauthentication required, run `azd auth login` to acquire a new token."}
exit /b 1
