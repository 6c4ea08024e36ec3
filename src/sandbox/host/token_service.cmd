@echo off
rem The token service of Visual Studio of the azfob sandbox. It prints tokens from files. It is signed in to nothing real.
setlocal EnableExtensions DisableDelayedExpansion
set "folder=%~dp0..\Microsoft.Asal.TokenService"
if exist "%folder%\slow" goto slow
if exist "%folder%\garbage" goto garbage
set "config="
set "resource="
set "tenant="
:options
if "%~1"=="" goto run
set "name="
if "%~1"=="--serviceHubConfig" set "name=config"
if "%~1"=="--resource" set "name=resource"
if "%~1"=="--tenant" set "name=tenant"
if not defined name goto unrecognized
set "%name%=%~2"
shift
shift
goto options
:unrecognized
>&2 echo TS003: Error, unknown option %~1
exit /b 1
:run
rem Visual Studio registers this option, with the path in quotes.
if not exist "%config%" goto noconfig
if exist "%folder%\refusal.txt" goto refused
set "number="
@RESOURCES@if not defined number goto noresource
set "file="
if not defined tenant set "file=default"
@TENANTS@if not defined file goto notenant
type "%folder%\%file%.%number%.json"
exit /b 0
:slow
%SystemRoot%\System32\ping.exe -n 600 127.0.0.1 >nul
exit /b 1
:garbage
echo Welcome
exit /b 0
:refused
type "%folder%\refusal.txt" >&2
exit /b 1
:noconfig
>&2 echo TS003: Error, Service hub config file '%config%' does not exist.
exit /b 1
:noresource
set "message=@UNKNOWN_RESOURCE@"
goto fail
:notenant
set "message=@UNKNOWN_TENANT@"
:fail
>&2 echo TS003: Error, TS004: Unable to get access token.  '%message%'
exit /b 1
