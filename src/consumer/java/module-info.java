/** An application that embeds expo-gguf. */
module consumer {
    requires io.github.expogguf;
    requires java.net.http;
}
