@echo off
rem The kubectl of the azfob sandbox: it shows a pod and its service account from files. It is connected to no cluster.
setlocal EnableExtensions DisableDelayedExpansion
set "folder=%~dp0..\kubectl"
set "space=/api/v1/namespaces/@NAMESPACE@"
if "%~1 %~2"=="get --raw" goto raw
if "%~1 %~2 %~3 %~4"=="get pods --namespace @NAMESPACE@" goto pods
if "%~1 %~2"=="get pods" exit /b 0
if "%~1 %~2"=="config view" goto view
>&2 echo error: the kubectl of the azfob sandbox has no command '%~1 %~2'
exit /b 1
:raw
if "%~3"=="/.well-known/openid-configuration" set "file=discovery.json"
if "%~3"=="%space%/pods/@POD@" set "file=pod.json"
if "%~3"=="%space%/serviceaccounts/@ACCOUNT@" set "file=serviceaccount.json"
if not defined file goto missing
if not exist "%folder%\%file%" goto missing
type "%folder%\%file%"
exit /b 0
:missing
>&2 echo Error from server (NotFound): "%~3" not found
exit /b 1
:pods
echo pod/@POD@
exit /b 0
:view
echo https://@SERVER@:443
exit /b 0
