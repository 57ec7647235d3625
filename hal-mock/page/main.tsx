import { render } from 'preact'
import { App } from './app'
import { Bench } from './bench'
import './style.css'

const root = document.getElementById('app')
if (root !== null) render(<App bench={new Bench(`ws://${location.host}/ws`)} />, root)
