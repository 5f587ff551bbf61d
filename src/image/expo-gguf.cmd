@echo off
rem Starts expo-gguf with the Java that came with it.
"%~dp0..\runtime\bin\java.exe" "@%~dp0..\lib\java.options" -Xlog:disable %EXPO_GGUF_JAVA_OPTS% -cp "%~dp0..\lib\expo-gguf.jar" io.github.expogguf.launch.Packaged %*
