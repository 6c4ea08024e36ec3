@echo off
rem The browser of the azfob sandbox: curl opens the sign-in page and submits its form, as the script of the page does.
"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -ExecutionPolicy Bypass -File "%~dp0browser.ps1" %1
exit /b %ERRORLEVEL%
